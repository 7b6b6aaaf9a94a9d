namespace Serverless.Registry.Tests.House.Cellar.Deep;

/// <summary>What everything stands on.</summary>
internal sealed class Stone
{
    public int Weight { get; } = 1;
}
