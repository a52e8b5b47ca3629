namespace Automation.Core.Catalog;

/// <summary>Whose signature an image needs before it is promoted.</summary>
/// <param name="Signers">At least one. A signature of any of them is enough.</param>
public sealed record SignatureRules(IReadOnlyList<Signer> Signers)
{
    /// <summary>Whether an image without a valid signature waits and then blocks. Otherwise the release only reports what is wrong.</summary>
    public bool Required { get; init; } = true;

    /// <summary>The root certificates of signing profiles, in PEM. Empty means the root of AWS Signer in the commercial Regions.</summary>
    public IReadOnlyList<string> Roots { get; init; } = [];
}
