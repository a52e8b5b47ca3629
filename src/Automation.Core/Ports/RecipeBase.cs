namespace Automation.Core.Ports;

/// <param name="ParentImage">As written in the recipe; <see cref="Images.ParentImage"/> parses it.</param>
public sealed record RecipeBase(string RecipeArn, string ParentImage);
