namespace Automation.Core.Promotion;

/// <summary>Decides which tags a build gets in one Region.</summary>
public static class PromotionPlanner
{
    public static TagPlan PlanVersionTags(PromotionFacts facts) => throw new NotImplementedException(facts.Region);

    public static TagPlan PlanFloatingTags(PromotionFacts facts) => throw new NotImplementedException(facts.Region);
}
