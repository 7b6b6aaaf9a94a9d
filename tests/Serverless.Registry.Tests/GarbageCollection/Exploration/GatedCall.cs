namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>A storage call that waits for its turn.</summary>
internal abstract class GatedCall(Actor actor, int number, string name, bool mayRepeat)
{
    public Actor Actor => actor;

    /// <summary>Whether its answer can be lost and the call be sent again.</summary>
    public bool MayRepeat => mayRepeat && !Repeated;

    /// <summary>Whether it was applied already and its answer was lost.</summary>
    public bool Repeated { get; protected set; }

    /// <summary>Marks in the hash of the world what the call did.</summary>
    public ulong Label => StateHash.Of($"{actor.Index}#{number}{(Repeated ? "again" : "")}");

    /// <summary>Calls storage and lets the actor go on with the answer.</summary>
    /// <returns>The answer.</returns>
    public abstract object? Run();

    /// <summary>Calls storage; the answer is lost, and the call waits to be sent again.</summary>
    public abstract object? Lose();

    public override string ToString() => $"{actor.Script.Name}#{number} {name}";
}

/// <summary>A storage call with its answer.</summary>
internal sealed class GatedCall<T>(Actor actor, int number, string name, bool mayRepeat, Func<ulong, Task<T>> call) : GatedCall(actor, number, name, mayRepeat)
{
    private readonly TaskCompletionSource<T> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Answer => _answer.Task;

    public override object? Run()
    {
        var result = Call();
        Actor.Answered(this, Actor.World.Mirror.Observe(result));
        _answer.SetResult(result);
        return result;
    }

    public override object? Lose()
    {
        var result = Call();
        Repeated = true;
        return result;
    }

    // The stores in memory answer at once.
    private T Call() => call(Label).GetAwaiter().GetResult();
}
