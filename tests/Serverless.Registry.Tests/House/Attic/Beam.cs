using Serverless.Registry.Tests.House.Cellar.Deep;

namespace Serverless.Registry.Tests.House.Attic;

/// <summary>What it uses, it uses only inside of methods.</summary>
internal sealed class Beam
{
    public static async Task<int> CountAsync()
    {
        await Task.Yield();
        return new Stone().Weight;
    }
}
