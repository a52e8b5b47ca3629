using Automation.Core.Images;

namespace Automation.Core.Retention;

/// <summary>A version of the container recipe that the stack created for an image.</summary>
public sealed record OwnRecipe(string Arn, RecipeVersion Version, DateTimeOffset CreatedAt);
