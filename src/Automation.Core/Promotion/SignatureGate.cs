using System.Globalization;
using Automation.Core.Builds;
using Automation.Core.Catalog;

namespace Automation.Core.Promotion;

/// <summary>
/// Decides whether the signatures of an image allow its promotion. One valid signature of a signer of the catalog is enough, whatever else is
/// there. Without one the gate waits, because the signer may not be done yet, and blocks after <c>waitMinutes</c>.
/// </summary>
public static class SignatureGate
{
    private const int MaxReasons = 10;

    public static GateDecision Decide(SignatureFacts facts)
    {
        var refusals = new List<Reason>();
        foreach (var signature in facts.Found.Signatures)
        {
            if (Refusal(facts, signature) is not { } refusal)
            {
                return new GateDecision.Open([new Reason(ReasonCode.SignaturePassed, $"{SignerOf(facts, signature)!.Name} signed it")]);
            }

            refusals.Add(refusal);
        }

        var reasons = Reasons(facts, refusals);
        return facts.Rules.Required
            ? Waiting(facts, reasons)
            : new GateDecision.Open([new Reason(ReasonCode.SignatureNotRequired, "no valid signature is there, and the catalog requires none"), .. reasons]);
    }

    /// <summary>Why a signature is not enough; null if it is.</summary>
    private static Reason? Refusal(SignatureFacts facts, ImageSignature signature)
    {
        var what = $"signature {signature.Manifest.Short12}";
        return signature switch
        {
            { Flaw: { } flaw } => new Reason(CodeOf(flaw.What), $"{what} {flaw.Text}"),
            { Subject: { } subject } when subject != facts.Digest => new Reason(ReasonCode.SignatureOfOther, $"{what} is of another image, {subject}"),
            { Subject: null } => new Reason(ReasonCode.SignatureUnreadable, $"{what} names no image"),
            _ when SignerOf(facts, signature) is null => new Reason(ReasonCode.SignatureByOther, signature.ProfileVersion is { } profile
                ? $"{what} was made by {profile}, which is not among the signers"
                : $"{what} was made by none of the signers"),
            { Expiry: { } expiry } when expiry <= facts.Now => new Reason(ReasonCode.SignatureExpired, $"{what} expired at {BuildTags.Format(expiry)}"),
            _ => null,
        };
    }

    private static Signer? SignerOf(SignatureFacts facts, ImageSignature signature) => facts.Rules.Signers.FirstOrDefault(signer => signer switch
    {
        Signer.Profile profile => signature.ProfileVersion is { } version && profile.Made(version),
        _ => signer == signature.Key,
    });

    private static List<Reason> Reasons(SignatureFacts facts, List<Reason> refusals)
    {
        var reasons = refusals.Take(MaxReasons).ToList();
        if (refusals.Count > MaxReasons)
        {
            reasons.Add(new Reason(ReasonCode.MoreSignatures,
                string.Create(CultureInfo.InvariantCulture, $"and {refusals.Count - MaxReasons} more signatures that are not valid")));
        }

        if (facts.Found.Unread > 0)
        {
            reasons.Add(new Reason(ReasonCode.SignaturesUnread, string.Create(CultureInfo.InvariantCulture,
                $"{facts.Found.Unread} more signatures are there than are read: delete those that nobody needs")));
        }

        if (reasons.Count > 0)
        {
            return reasons;
        }

        return facts.Found.SignedChildren is [var child, ..]
            ? [new Reason(ReasonCode.SignatureOnChild, $"only an image of the index is signed, {child}; the index itself must be signed")]
            : [new Reason(ReasonCode.NoSignature, "the repository has no signature of the image")];
    }

    private static GateDecision Waiting(SignatureFacts facts, List<Reason> reasons)
    {
        var deadline = facts.WaitingSince.AddMinutes(facts.Gate.WaitMinutes);
        if (facts.Now < deadline)
        {
            return new GateDecision.Wait(
                GateDecision.NextCheck(facts.WaitingSince, facts.Now, deadline),
                [reasons[0] with { Text = $"{reasons[0].Text}; waiting for a valid signature until {BuildTags.Format(deadline)}" }, .. reasons.Skip(1)]);
        }

        // The first reason goes into a tag of the build, so it must make sense alone.
        var after = $"after {HumanText.Of(facts.Gate.WaitMinutes, "minute")}";
        var signers = string.Join(" or ", facts.Rules.Signers.Select(signer => signer.Name));
        return new GateDecision.Blocked(
            [],
            [$"sign {facts.Digest} with {signers}"],
            [reasons[0] with { Text = $"{reasons[0].Text}; no valid signature {after}" }, .. reasons.Skip(1)]);
    }

    private static ReasonCode CodeOf(SignatureFlaw.Kind flaw) => flaw switch
    {
        SignatureFlaw.Kind.Unreadable => ReasonCode.SignatureUnreadable,
        SignatureFlaw.Kind.Invalid => ReasonCode.SignatureInvalid,
        SignatureFlaw.Kind.Untrusted => ReasonCode.SignatureUntrusted,
        SignatureFlaw.Kind.Revoked => ReasonCode.SignatureRevoked,
        _ => ReasonCode.SignatureCertificateExpired,
    };
}
