using Automation.Core.Ports;
using Automation.Simulation.Machine;

namespace Automation.Simulation.Histories;

/// <summary>A seeded bug: something of the product behaves wrongly, only here, in its surroundings.</summary>
internal abstract class Mutation
{
    public virtual Definition Change(Definition definition) => definition;

    public virtual IImageBuilder Change(IImageBuilder imageBuilder) => imageBuilder;

    public virtual IRegistry Change(IRegistry registry) => registry;

    public virtual IWorkflow Change(IWorkflow workflow) => workflow;

    /// <summary>Changes the result of a function.</summary>
    public virtual Value Change(string function, Value result) => result;
}
