namespace Automation.Local.Rehearsal;

/// <summary>
/// What a rehearsal would cost, in USD at the prices of us-east-1 without the free tier and discounts: build instances as m5.large
/// (https://aws.amazon.com/ec2/pricing/on-demand/), transitions (https://aws.amazon.com/step-functions/pricing/), requests of functions without their
/// duration (https://aws.amazon.com/lambda/pricing/), and a month of the storage at the end (https://aws.amazon.com/ecr/pricing/).
/// </summary>
internal sealed record Costs(decimal BuildInstances, decimal Transitions, decimal Requests, decimal StorageMonth)
{
    private const decimal InstanceHour = 0.096m;
    private const decimal Transition = 0.025m / 1000;
    private const decimal Request = 0.20m / 1_000_000;
    private const decimal GigabyteMonth = 0.10m;

    public static Costs Of(Totals totals) => new(
        Math.Round((decimal)totals.BuildMinutes / 60 * InstanceHour, 2),
        Math.Round(totals.Transitions * Transition, 2),
        Math.Round(totals.Invocations * Request, 2),
        Math.Round(totals.StoredBytes / 1_000_000_000m * GigabyteMonth, 2));
}
