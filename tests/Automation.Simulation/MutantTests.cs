namespace Automation.Simulation;

/// <summary>The simulation finds bugs: within 2,000 histories, each seeded bug breaks a promise that the product itself keeps in the same history.</summary>
public sealed class MutantTests
{
    private const int Enough = 2000;

    public static TheoryData<string> Bugs => [.. Mutants.All.Keys];

    [Theory]
    [MemberData(nameof(Bugs))]
    public void SeededBug_IsFound(string bug)
    {
        for (var seed = 1; seed <= Enough; seed++)
        {
            var history = Generator.Make(seed);
            if (Runner.Run(history, Mutants.All[bug]).Broken is { } broken && Runner.Run(history).Broken?.Rule != broken.Rule)
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {broken.Rule}: {broken.Text}");
                return;
            }
        }

        Assert.Fail($"{Enough} histories broke no promise although {bug}.");
    }
}
