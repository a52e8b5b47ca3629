namespace Automation.Core.Workflow;

/// <param name="Images">Manifests to delete: images, and the children and signatures that go with them.</param>
/// <param name="Records">Image Builder records to delete.</param>
/// <param name="Superseded">Image Builder records to mark.</param>
public sealed record PruneCount(int Images, int Records, int Superseded);
