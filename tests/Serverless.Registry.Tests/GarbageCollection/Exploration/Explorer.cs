using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.RegularExpressions;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>
/// Runs a scenario in every order of its storage calls, depth first. A schedule is run again from the beginning to come back to a fork. Two schedules that
/// lead to the same world have the same future, which is explored once and counted for both.
/// </summary>
internal sealed partial class Explorer(Scenario scenario, int enough = int.MaxValue, int maxWorlds = 400_000)
{
    /// <summary>Where somebody waits, so many worlds are enough of a scenario in which nothing goes wrong.</summary>
    public static readonly int Enough = int.TryParse(Environment.GetEnvironmentVariable("EXPLORED_WORLDS"), out var worlds) ? worlds : int.MaxValue;

    // The schedules that begin in each world that was seen.
    private readonly Dictionary<ulong, BigInteger> _schedules = [];
    private readonly List<Step> _path = [];

    /// <summary>How many times the scenario was run.</summary>
    public int Runs { get; private set; }

    /// <summary>How many different worlds there were.</summary>
    public int Worlds => _schedules.Count;

    /// <summary>How many schedules there are in all.</summary>
    public BigInteger Schedules { get; private set; }

    /// <summary>What went wrong, with the schedule that leads there; null when nothing can.</summary>
    public string? Violation { get; private set; }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Schedules:#,0} schedules, {Worlds:#,0} different worlds, {Runs:#,0} runs{(Worlds < enough ? "" : ", cut off")}");

    public Explorer Run()
    {
        var world = NewWorld();
        try
        {
            Schedules = Explore(world);
        }
        catch (ViolationException e)
        {
            Violation = $"{e.Message}\n{Trace()}";
        }

        return this;
    }

    private BigInteger Explore(World world)
    {
        var hash = world.Hash;
        if (_schedules.TryGetValue(hash, out var known))
        {
            world.Dispose();
            return known;
        }

        if (_schedules.Count >= enough)
        {
            world.Dispose();
            return BigInteger.Zero;
        }

        if (_schedules.Count > maxWorlds) throw new InvalidOperationException("The scenario is too large.");
        world.Promises.Check();
        var steps = world.Next();
        var count = BigInteger.Zero;
        if (steps.Count == 0)
        {
            Drain.Run(world, scenario);
            world.Dispose();
            count = BigInteger.One;
        }

        for (var i = 0; i < steps.Count; i++)
        {
            // The first way on goes on in this world; for the others the way here is gone again.
            var next = i == 0 ? world : Replay(hash);
            _path.Add(steps[i]);
            next.Take(steps[i], null);
            count += Explore(next);
            _path.RemoveAt(_path.Count - 1);
        }

        return _schedules[hash] = count;
    }

    private World NewWorld()
    {
        Runs++;
        return new World(scenario);
    }

    private World Replay(ulong hash)
    {
        var world = NewWorld();
        foreach (var step in _path) world.Take(step, null);
        return world.Hash == hash ? world : throw new InvalidOperationException("The same schedule led to another world: something is random.");
    }

    private string Trace()
    {
        using var world = NewWorld();
        var trace = new StringBuilder();
        foreach (var step in _path) world.Take(step, line => trace.AppendLine(line));
        return HexOfDigest().Replace(trace.ToString(), "$1");
    }

    [GeneratedRegex("sha256:([0-9a-f]{4})[0-9a-f]{60}")]
    private static partial Regex HexOfDigest();
}
