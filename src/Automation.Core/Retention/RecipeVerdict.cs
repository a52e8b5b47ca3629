namespace Automation.Core.Retention;

/// <summary>The decision about a recipe version, with the reason.</summary>
public sealed record RecipeVerdict(OwnRecipe Recipe, bool Delete, Reason Reason);
