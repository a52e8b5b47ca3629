namespace Automation.LocalCloud.ImageBuilder;

/// <summary>The cause of an injected failure; it decides the failure context.</summary>
public enum BuildFailureKind
{
    /// <summary>A step of a build component fails.</summary>
    Component,

    /// <summary>A test component fails.</summary>
    Test,

    /// <summary>The tests exceed their timeout.</summary>
    TestTimeout,

    /// <summary>An image cannot be written to a target Region.</summary>
    Distribution,

    /// <summary>The build instance stops or cannot be reached.</summary>
    Infrastructure,
}
