namespace Automation.LocalCloud.Signer;

/// <summary>A signing profile.</summary>
/// <param name="Version">Ten letters and digits.</param>
/// <param name="Unit">DAYS, MONTHS or YEARS.</param>
internal sealed record ProfileRow(string Arn, string Name, string Version, int Validity, string Unit)
{
    public bool IsCanceled { get; init; }

    /// <summary>Since when its signatures are not valid; null if it is not revoked.</summary>
    public DateTimeOffset? RevokedFrom { get; init; }

    /// <summary>When it was revoked first.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>Whether it signs.</summary>
    public bool IsActive => !IsCanceled && RevokedFrom is null;

    public IReadOnlyDictionary<string, string> Tags { get; set; } = new Dictionary<string, string>();

    public string VersionArn => $"{Arn}/{Version}";

    public DateTimeOffset ExpiryOf(DateTimeOffset signedAt) => Unit switch
    {
        "DAYS" => signedAt.AddDays(Validity),
        "MONTHS" => signedAt.AddMonths(Validity),
        _ => signedAt.AddYears(Validity),
    };
}

/// <summary>A signing job: one signature.</summary>
internal sealed record JobRow(string Arn)
{
    public bool IsRevoked { get; init; }
}

/// <summary>The certificates that issue those of signatures.</summary>
/// <param name="Root">In PEM.</param>
/// <param name="Issuer">In PEM.</param>
/// <param name="Key">The private key of the issuer, in PEM.</param>
internal sealed record AuthorityRow(string Root, string Issuer, string Key);
