using Serverless.Registry.Tests.House.Attic;

namespace Serverless.Registry.Tests.House;

/// <summary>What stands before all folders.</summary>
internal sealed class Door
{
    public IReadOnlyList<Beam> Beams { get; } = [];
}
