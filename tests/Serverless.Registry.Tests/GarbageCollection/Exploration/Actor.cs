using Serverless.Registry.Core;
using Serverless.Registry.Storage;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>Somebody who makes requests, or a collector.</summary>
/// <param name="Name">What traces call it.</param>
/// <param name="IsClient">Whether time stands still while it is in the middle of a request: no request takes a grace.</param>
/// <param name="Act">What it does.</param>
internal sealed record Script(string Name, bool IsClient, Func<Actor, Task> Act)
{
    /// <summary>Puts something between the actor and storage: a rule that is broken.</summary>
    public Func<Stores, Actor, Stores> Break { get; init; } = (stores, _) => stores;

    /// <summary>What its instance changes in the scenario's options.</summary>
    public Func<RegistryOptions, RegistryOptions> Options { get; init; } = options => options;
}

/// <summary>The two ports together.</summary>
internal readonly record struct Stores(ITableStore Tables, IObjectStore Objects);

/// <summary>An actor in one world: what it has seen, and the storage calls that it waits for.</summary>
internal sealed class Actor
{
    private readonly List<GatedCall> _pending = [];
    private int _calls;
    private int _names;
    private Task _task = Task.CompletedTask;

    public Actor(World world, Script script, int index, RegistryOptions options)
    {
        (World, Script, Index) = (world, script, index);
        Stores = script.Break(new Stores(new GatedTableStore(this), new GatedObjectStore(this)), this);
        Registry = new ContainerRegistry(Stores.Tables, Stores.Objects, script.Options(options), world.Time);
    }

    public World World { get; }

    public Script Script { get; }

    public int Index { get; }

    /// <summary>Storage as it reaches it.</summary>
    public Stores Stores { get; }

    /// <summary>Its instance of the registry.</summary>
    public ContainerRegistry Registry { get; }

    public Promises Promises => World.Promises;

    /// <summary>Whether it is in the middle of a request.</summary>
    public bool Busy { get; private set; }

    public bool Crashed { get; private set; }

    public bool IsDone => Crashed || _task.IsCompleted;

    /// <summary>What it has seen so far. In which order calls made together were answered does not matter.</summary>
    public ulong History { get; private set; }

    public bool IsQuiet => IsDone || Pending.Count > 0;

    public IReadOnlyList<GatedCall> Pending
    {
        get
        {
            lock (_pending) return [.. _pending];
        }
    }

    public void Start() => _task = RunAsync();

    /// <summary>Between two requests; time may pass here.</summary>
    public async Task BeginAsync()
    {
        Busy = false;
        await EnterAsync("begin", false, _ => Task.FromResult(true));
        Busy = true;
    }

    /// <summary>Waits for its turn and then calls storage.</summary>
    public Task<T> EnterAsync<T>(string name, bool mayRepeat, Func<ulong, Task<T>> call)
    {
        GatedCall<T> gated;
        lock (_pending)
        {
            gated = new GatedCall<T>(this, ++_calls, name, mayRepeat, call);
            // Whoever goes on after the end of the world was left behind by it.
            if (!Crashed) _pending.Add(gated);
        }

        World.Signal();
        return gated.Answer;
    }

    public void Answered(GatedCall call, ulong seen)
    {
        lock (_pending) _pending.Remove(call);
        History += StateHash.Mix(StateHash.Of(call.ToString()), seen);
    }

    /// <summary>It learns something in another way than from storage.</summary>
    public void See(string what) => History += StateHash.Of($"{_calls} {what}");

    /// <summary>It stops for good; what it waits for does not happen.</summary>
    public void Crash()
    {
        (Crashed, Busy) = (true, false);
        lock (_pending) _pending.Clear();
    }

    /// <summary>Fails when the script has failed.</summary>
    public void ThrowIfFailed()
    {
        if (_task.IsFaulted) _task.GetAwaiter().GetResult();
    }

    /// <summary>A name that says the same in every run of this schedule, for a random one that this actor has made.</summary>
    public string NewName() => $"{Script.Name}.{++_names}";

    private async Task RunAsync()
    {
        await Script.Act(this);
        Busy = false;
    }
}
