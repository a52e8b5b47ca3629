namespace Automation.LocalCloud.ImageBuilder;

/// <summary>What goes wrong in an ordered failure; decides what the failure context says.</summary>
public enum BuildFailureKind
{
    /// <summary>A step of a build component fails.</summary>
    Component,

    /// <summary>A test component fails.</summary>
    Test,

    /// <summary>The tests run into their time-out.</summary>
    TestTimeout,

    /// <summary>An image cannot be written to a target Region.</summary>
    Distribution,

    /// <summary>The build instance dies or cannot be reached.</summary>
    Infrastructure,
}
