namespace Automation.Core.Promotion;

public enum TagAction
{
    /// <summary>Write the tag.</summary>
    Put,

    /// <summary>The tag is already on the same digest.</summary>
    Present,

    /// <summary>A hold is set.</summary>
    Held,

    /// <summary>The tag is on a newer build.</summary>
    NotForward,

    /// <summary>The version tags have not existed for long enough.</summary>
    Soaking,

    /// <summary>The tag cannot be written: an immutable or version tag is on another digest, or the image or repository is missing. This is a
    /// permanent error before anything moves.</summary>
    Conflict,
}
