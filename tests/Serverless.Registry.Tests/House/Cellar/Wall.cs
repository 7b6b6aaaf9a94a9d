using Serverless.Registry.Tests.House.Attic;
using Serverless.Registry.Tests.House.Cellar.Deep;

namespace Serverless.Registry.Tests.House.Cellar;

/// <summary>It refers upwards, where it is hard to see: in a lambda of a nested type, and to what it uses in its own folder.</summary>
internal static class Wall
{
    public static int Height => new Part().Height();

    private sealed class Part
    {
        public Func<int> Height { get; } = () => new Stone().Weight + Beam.CountAsync().GetHashCode();
    }
}
