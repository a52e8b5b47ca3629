using Automation.Core.Catalog;
using Automation.Core.Images;

namespace Automation.Core.Promotion;

/// <param name="Digest">The image that is released.</param>
/// <param name="WaitingSince">When the release began to wait; <c>waitMinutes</c> counts from then.</param>
public sealed record SignatureFacts(
    GateRules Gate, SignatureRules Rules, Digest Digest, FoundSignatures Found, DateTimeOffset WaitingSince, DateTimeOffset Now);
