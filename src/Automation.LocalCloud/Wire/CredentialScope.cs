namespace Automation.LocalCloud.Wire;

/// <summary>The scope of <c>Authorization: AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/ecr/aws4_request, …</c>; signatures are not checked.</summary>
public sealed record CredentialScope(string AccessKeyId, string Region, string Service)
{
    private const string Marker = "Credential=";

    public static CredentialScope? Parse(string? authorization)
    {
        var start = authorization?.IndexOf(Marker, StringComparison.Ordinal) ?? -1;
        if (start < 0)
        {
            return null;
        }

        var scope = authorization![(start + Marker.Length)..].Split(',', ' ')[0].Split('/');
        return scope.Length == 5 ? new CredentialScope(scope[0], scope[2], scope[3]) : null;
    }
}
