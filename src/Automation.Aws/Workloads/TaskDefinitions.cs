using Automation.Aws.Sdk.Json;

namespace Automation.Aws.Workloads;

/// <summary>The images of ECS task definitions. A revision never changes, so a process asks for each once.</summary>
internal sealed class TaskDefinitions
{
    private readonly KnownImages _known = new();

    /// <param name="definition">The ARN of a revision, or of a family for its newest active revision.</param>
    public Task<IReadOnlyList<ContainerImage>> ImagesAsync(WorkloadAccess access, string definition, CancellationToken cancellationToken) =>
        HasRevision(definition)
            ? _known.GetAsync(definition, () => ReadAsync(access, definition, cancellationToken))
            : ReadAsync(access, definition, cancellationToken);

    // arn:aws:ecs:eu-west-1:123456789012:task-definition/app:3
    private static bool HasRevision(string definition) => definition.LastIndexOf(':') > definition.LastIndexOf('/');

    private static async Task<IReadOnlyList<ContainerImage>> ReadAsync(WorkloadAccess access, string definition, CancellationToken cancellationToken)
    {
        using var answer =
            await access.CallAsync(JsonApi.Ecs, new JsonCall("DescribeTaskDefinition") { Body = writer => writer.WriteString("taskDefinition", definition) },
                cancellationToken);
        return [.. answer.Root.Member("taskDefinition").List("containerDefinitions").Select(container => new ContainerImage(container.Text("image"), null))];
    }
}
