using Automation.LocalCloud.ImageBuilder;
using Xunit;

namespace Automation.LocalCloud.Tests.ImageBuilder;

public sealed class DockerfileTemplateTests
{
    [Theory]
    [InlineData("FROM {{{ imagebuilder:parentImage }}}")]
    [InlineData("FROM {{{imagebuilder:parentImage}}}")]
    [InlineData("FROM {{ imagebuilder:parentImage }}")]
    public void Render_Variable_IsReplaced(string template) => Assert.Equal("FROM a&b:1", DockerfileTemplate.Render(template, "a&b:1", "E", "C"));

    [Fact]
    public void Render_Value_IsNotRenderedAgain() => Assert.Equal(
        "FROM a\n{{{ x }}}\nRUN echo $1 {a}",
        DockerfileTemplate.Render("FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:components }}}\nRUN echo $1 {a}", "a", "E", "{{{ x }}}"));

    [Theory]
    [InlineData("FROM a\n{{{ imagebuilder:secrets }}}", "{{{ imagebuilder:secrets }}}")]
    [InlineData("FROM a\n{{#if x}}", "{{#if x}}")]
    [InlineData("FROM a\nRUN echo {{{ imagebuilder:parentImage }}", "without its end")]
    public void Render_AnythingElse_IsRefusedByName(string template, string named) => Assert.Contains(
        named, Assert.Throws<DockerfileException>(() => DockerfileTemplate.Render(template, "a", "E", "C")).Message, StringComparison.Ordinal);
}
