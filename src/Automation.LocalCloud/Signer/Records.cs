namespace Automation.LocalCloud.Signer;

/// <summary>A signing profile.</summary>
/// <param name="Version">Ten letters and digits.</param>
/// <param name="Unit">DAYS, MONTHS or YEARS.</param>
internal sealed record ProfileRow(string Arn, string Name, string Version, int Validity, string Unit)
{
    public bool IsCanceled { get; init; }

    public IReadOnlyDictionary<string, string> Tags { get; set; } = new Dictionary<string, string>();

    public string VersionArn => $"{Arn}/{Version}";

    public DateTimeOffset ExpiryOf(DateTimeOffset signedAt) => Unit switch
    {
        "DAYS" => signedAt.AddDays(Validity),
        "MONTHS" => signedAt.AddMonths(Validity),
        _ => signedAt.AddYears(Validity),
    };
}

/// <summary>The certificates that issue those of signatures.</summary>
/// <param name="Root">In PEM.</param>
/// <param name="Issuer">In PEM.</param>
/// <param name="Key">The private key of the issuer, in PEM.</param>
internal sealed record AuthorityRow(string Root, string Issuer, string Key);
