namespace Automation.Core.Retention;

/// <summary>The owner of the build that a tag such as <c>1.0.0-3</c> names, according to Image Builder.</summary>
public abstract record BuildOwner
{
    private BuildOwner()
    {
    }

    /// <summary>Image Builder has a record that is not among the pipeline's: another pipeline built it, or none did
    /// (<c>CreateImage</c>).</summary>
    public sealed record Others(string BuildArn) : BuildOwner;

    /// <summary>Image Builder has no such build besides those of the pipeline.</summary>
    public sealed record None : BuildOwner;

    /// <summary>The build was not looked up, or the answer could not be read.</summary>
    /// <param name="Why">Completes "the owner of the build is unknown: …".</param>
    public sealed record Unknown(string Why) : BuildOwner;
}
