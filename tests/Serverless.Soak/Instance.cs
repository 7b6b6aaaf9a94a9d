using Serverless.Registry;
using Serverless.Testing;

namespace Serverless.Soak;

/// <summary>A process of the registry, which may die.</summary>
internal sealed record Instance(ContainerRegistry Registry, Faults Faults)
{
    public static Instance New(Stores stores, ulong seed, int faultRate)
    {
        var faults = new Faults(new SeededGenerator(seed), faultRate);
        var faulty = faults.Between(stores);
        return new Instance(new ContainerRegistry(faulty.Tables, faulty.Objects, SoakOptions.Registry, TimeProvider.System), faults);
    }
}
