
namespace Automation.Simulation.Embedded;

/// <summary>Maps the images <c>app</c> and <c>child</c> of a setup to their names in the reviewed templates.</summary>
internal sealed class EmbeddedNames(Setup setup)
{
    /// <summary>The reviewed template that fits the setup.</summary>
    public string Template =>
        setup switch { { TwoRegions: true } => "two-regions", { Child: true } => "Automation", { Adopted: true } => "adopted", _ => "approval" };

    public string Image(string image) => setup switch
    {
        { TwoRegions: true } => "edge",
        { Child: true } => image == "child" ? "app" : "runtime",
        { Adopted: true } => "by-name",
        _ => "vault",
    };

    public string Pipeline(string image) => setup.Adopted && image == "app" ? "their-pipeline" : Image(image);

    public string Repository(string image) => $"images/{Image(image)}";
}
