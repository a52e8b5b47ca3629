namespace Automation.LocalCloud;

/// <summary>One event in the cloud, at its virtual time.</summary>
/// <param name="Time">Virtual time.</param>
/// <param name="Source">The service in lower case: ecr, imagebuilder, states, events, scheduler, sns, sqs, lambda, cloudformation, cloud.</param>
/// <param name="Kind">A stable identifier for programs, such as <c>image-pushed</c> or <c>build-state</c>.</param>
/// <param name="Text">One line for people.</param>
/// <param name="Data">Data for programs, such as repository, tag, digest, arn, output.</param>
public sealed record JournalEntry(
    DateTimeOffset Time,
    string Source,
    string Kind,
    string Text,
    IReadOnlyDictionary<string, string> Data);
