using Serverless.Registry;
using Serverless.Testing;

namespace Serverless.Soak;

/// <summary>A process of the registry, which may die.</summary>
internal sealed record Instance(ContainerRegistry Registry, Faults Faults, Stores Stores)
{
    /// <summary>Goes on with an instance as long as it lives, and then with a new one.</summary>
    public static Instance Next(Instance? instance, SoakStorage storage, SeededGenerator random, int faultRate, Func<Stores, Stores>? change = null)
    {
        if (instance is { Faults.Dead: false }) return instance;
        if (instance is not null) storage.Leave(instance.Stores);
        var stores = storage.Open();
        return New(stores, change?.Invoke(stores) ?? stores, random.Next(), faultRate);
    }

    private static Instance New(Stores opened, Stores stores, ulong seed, int faultRate)
    {
        var faults = new Faults(new SeededGenerator(seed), faultRate);
        var faulty = faults.Between(stores);
        return new Instance(new ContainerRegistry(faulty.Tables, faulty.Objects, SoakOptions.Registry, TimeProvider.System), faults, opened);
    }
}
