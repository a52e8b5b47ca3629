namespace Automation.Core.Builds;

/// <param name="Id">The id of the request, the same if it is sent twice: letters, digits, '-' and '_'.</param>
public sealed record ManualRequest(string Id, string By);
