namespace Automation.LocalCloud.CloudFormation;

/// <summary>
/// Generates names as CloudFormation does for resources without a name in the template: <c>StackName-LogicalId-1A2B3C4D5E6F</c>. The suffix
/// is derived from stack, logical id, account and Region, so that the same template always gives the same names.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
/// </summary>
internal static class PhysicalName
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const int SuffixLength = 12;

    /// <param name="maxLength">The maximum length of a name in the service. Stack name and logical id are cut to fit, but never the suffix.</param>
    internal static string For(ResourceRequest request, int maxLength)
    {
        var suffix = Suffix(request.NameSeed);
        var room = maxLength - SuffixLength - 2;
        if (room < 2)
        {
            return suffix[..Math.Min(maxLength, SuffixLength)];
        }

        var stack = request.StackName;
        var logicalId = request.LogicalId;
        if (stack.Length + logicalId.Length > room)
        {
            var half = room / 2;
            stack = stack[..Math.Min(stack.Length, Math.Max(half, room - logicalId.Length))];
            logicalId = logicalId[..Math.Min(logicalId.Length, room - stack.Length)];
        }

        return $"{stack}-{logicalId}-{suffix}";
    }

    private static string Suffix(string text)
    {
        var bytes = Ids.From(text).ToByteArray();
        return string.Create(SuffixLength, bytes, (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = Alphabet[source[i] % Alphabet.Length];
            }
        });
    }
}
