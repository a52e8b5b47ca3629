using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Automation.Core;

namespace Automation.Cli.Deployment;

/// <summary>The profiles of the AWS configuration files, and what is wrong with credentials.</summary>
internal static class Profiles
{
    /// <exception cref="CommandException">There is no such profile.</exception>
    public static AWSCredentials Credentials(string profile)
    {
        var found = Find(profile);
        try
        {
            // Credentials of a process or a role are first read here, so that their failure is the profile's and not that of a call.
            var credentials = found.GetAWSCredentials(new CredentialProfileStoreChain());
            credentials.GetCredentials();
            return credentials;
        }
        catch (Exception e) when (e is AmazonClientException or InvalidDataException or InvalidOperationException or HttpRequestException
                or ProcessAWSCredentialException
            && Expired(e, profile) is null)
        {
            throw new CommandException($"Profile '{profile}' has no usable credentials: {Text(e)} `aws configure list --profile {profile}` shows what it has.");
        }
    }

    /// <summary>The message for a configuration that the SDK cannot use, found when a call looks for credentials; null for any other failure.</summary>
    public static string? Unusable(Exception failure)
    {
        for (var e = failure; e is not null; e = e.InnerException)
        {
            if (e is InvalidDataException or ProcessAWSCredentialException)
            {
                return $"The AWS configuration cannot be used: {Text(e)} `aws configure list` shows what it has.";
            }
        }

        return null;
    }

    // The SDK's outer message names its task, and the inner one the mistake. Its messages have line breaks.
    private static string Text(Exception failure)
    {
        var cause = failure;
        while (cause.InnerException is InvalidDataException or IOException)
        {
            cause = cause.InnerException;
        }

        var text = string.Join(' ', cause.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('-', ' ');
        return text is [.., '.'] ? text : $"{text}.";
    }

    /// <exception cref="CommandException">There is no such profile.</exception>
    public static string? RegionOf(string profile) => Find(profile).Region?.SystemName;

    private static CredentialProfile Find(string profile)
    {
        var chain = new CredentialProfileStoreChain();
        try
        {
            if (chain.TryGetProfile(profile, out var found))
            {
                return found;
            }
        }
        catch (AmazonClientException e)
        {
            throw new CommandException($"Profile '{profile}' cannot be read: {Text(e)}");
        }

        var names = chain.ListProfiles().Select(each => each.Name).Order(StringComparer.Ordinal).ToList();
        var known = names.Count == 0 ? "The AWS configuration has no profile." : $"The profiles are: {string.Join(", ", names)}.";
        throw new CommandException($"There is no profile '{profile}'{Suggestion.End(profile, names)} {known}");
    }

    /// <summary>The message for credentials that AWS no longer accepts, with the command that renews them; null for any other failure.</summary>
    /// <param name="profile">Null means that the command named none, so the environment or the default profile applied.</param>
    public static string? Expired(Exception failure, string? profile)
    {
        for (var e = failure; e is not null; e = e.InnerException)
        {
            // "No valid SSO Token could be found.", and similar ones: nobody has signed in, or the sign-in has ended.
            if (e is AmazonClientException && e.Message.Contains("SSO", StringComparison.Ordinal))
            {
                return $"The credentials of IAM Identity Center have expired. {Renewal(profile)}";
            }

            var code = e switch
            {
                AmazonServiceException service => service.ErrorCode,
                Doctor.CallException call => call.Code,
                _ => null,
            };

            // https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
            if (code is "ExpiredToken" or "ExpiredTokenException" or "RequestExpired")
            {
                return $"The AWS credentials have expired. {Renewal(profile)}";
            }

            if (code is "InvalidClientTokenId" or "UnrecognizedClientException" or "InvalidAccessKeyId" or "SignatureDoesNotMatch"
                or "InvalidSignatureException" or "IncompleteSignature" or "AuthFailure")
            {
                return $"AWS does not accept the credentials ({code}). {Renewal(profile)}";
            }
        }

        return null;
    }

    // A profile of IAM Identity Center signs in through the browser; so does `aws login`. Copied keys have to be copied again.
    private static string Renewal(string? profile)
    {
        var chain = new CredentialProfileStoreChain();
        var option = profile is null ? "" : $" --profile {profile}";
        if (!chain.TryGetProfile(profile ?? "default", out var found))
        {
            return "Renew them: aws sso login, or set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN again.";
        }

        return found.Options switch
        {
            { SsoStartUrl: { Length: > 0 } } or { SsoSession: { Length: > 0 } } => $"Renew them: aws sso login{option}",
            { SourceProfile: { Length: > 0 } source } => $"Renew those of the source profile: aws sso login --profile {source}",
            { CredentialProcess: { Length: > 0 } process } => $"They come from the credential process of the profile: {process}",
            _ => $"Renew them: aws configure{option}",
        };
    }
}
