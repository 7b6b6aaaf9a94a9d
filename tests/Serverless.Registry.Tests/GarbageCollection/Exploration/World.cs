using Microsoft.Extensions.Time.Testing;
using Serverless.Registry.Storage.InMemory;

namespace Serverless.Registry.Tests.GarbageCollection.Exploration;

/// <summary>One run of a scenario: the real stores in memory, the actors, and what may happen next.</summary>
internal sealed class World : IDisposable
{
    private readonly Pump _pump = new();
    private readonly Scenario _scenario;
    private int _crashes;
    private int _lost;

    public World(Scenario scenario)
    {
        _scenario = scenario;
        (_crashes, _lost) = (scenario.Crashes, scenario.LostAnswers);
        Tables = new InMemoryTableStore(Time);
        Objects = new InMemoryObjectStore(Time, new Uri("http://127.0.0.1/"));
        Mirror = new StoreMirror(this);
        Promises = new Promises(this);
        scenario.Start.Load(this);
        PassGrace();
        scenario.Begin(Promises);
        Actors = [.. scenario.Scripts.Select((s, i) => new Actor(this, s, i, scenario.Options))];
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_pump);
        foreach (var actor in Actors) actor.Start();
        SynchronizationContext.SetSynchronizationContext(before);
        Settle();
    }

    // A millisecond at which nobody trims the history of tags.
    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2000, 1, 1, 0, 0, 0, 1, TimeSpan.Zero));

    public InMemoryTableStore Tables { get; }

    public InMemoryObjectStore Objects { get; }

    public StoreMirror Mirror { get; }

    public Promises Promises { get; }

    public IReadOnlyList<Actor> Actors { get; }

    /// <summary>Whether bytes were lost before the scenario began, so that a blob may be without until somebody pushes it.</summary>
    public bool BytesMayBeLost => _scenario.BytesMayBeLost;

    /// <summary>Whether somebody changes what holds for all instances.</summary>
    public bool SharedRowsChange => _scenario.SharedRowsChange;

    /// <summary>Prefixes of the rows of repositories that nobody writes.</summary>
    public IReadOnlyCollection<string> Unwritten => _scenario.Unwritten;

    /// <summary>An upload session that several actors know of.</summary>
    public (Guid Id, string State)? Session { get; set; }

    /// <summary>How many graces have passed; what was there from the beginning is of epoch 0.</summary>
    public int Epoch { get; private set; }

    /// <summary>Whether a client was stopped in the middle, so that bytes may be left that only a search finds.</summary>
    public bool AnyClientCrashed => Actors.Any(a => a.Crashed && a.Script.IsClient);

    /// <summary>Equal for two worlds that have the same future.</summary>
    public ulong Hash
    {
        get
        {
            var hash = StateHash.Mix(Mirror.Hash, StateHash.Mix(Promises.Hash, (ulong)((Epoch * 100) + (_crashes * 10) + _lost)));
            foreach (var actor in Actors)
            {
                hash = StateHash.Mix(hash, actor.History + (actor.Crashed ? 1UL : 0));
                foreach (var call in actor.Pending) hash = StateHash.Mix(hash, call.Repeated ? 3UL : 5UL);
            }

            return hash;
        }
    }

    /// <summary>What may happen next, always in the same order.</summary>
    public List<Step> Next()
    {
        List<Step> steps = [];
        foreach (var actor in Actors)
        {
            for (var i = 0; i < actor.Pending.Count; i++)
            {
                steps.Add(new Step(StepKind.Call, actor.Index, i));
                if (_lost > 0 && actor.Pending[i].MayRepeat) steps.Add(new Step(StepKind.Lose, actor.Index, i));
            }

            if (_crashes > 0 && actor.Busy && !actor.IsDone) steps.Add(new Step(StepKind.Crash, actor.Index, 0));
        }

        // A grace is longer than any request, so none passes while a client is in the middle of one. A collector may be as slow as it likes.
        if (Epoch < _scenario.Epochs && steps.Count > 0 && !Actors.Any(a => a.Script.IsClient && a.Busy)) steps.Add(new Step(StepKind.Wait, 0, 0));
        return steps;
    }

    /// <summary>Lets something happen.</summary>
    /// <param name="step">What, of <see cref="Next"/>.</param>
    /// <param name="trace">Told of it; may be null.</param>
    public void Take(Step step, Action<string>? trace)
    {
        var actor = Actors[step.Actor];
        switch (step.Kind)
        {
            case StepKind.Wait:
                PassGrace();
                trace?.Invoke($"--- a grace passes: epoch {Epoch} ---");
                break;
            case StepKind.Crash:
                _crashes--;
                actor.Crash();
                trace?.Invoke($"{actor.Script.Name} CRASHES");
                break;
            case StepKind.Lose:
                _lost--;
                var lost = actor.Pending[step.Call];
                var first = lost.Lose();
                trace?.Invoke($"{lost} -> {Mirror.Describe(first)}, ANSWER LOST");
                break;
            default:
                var call = actor.Pending[step.Call];
                var answer = call.Run();
                trace?.Invoke($"{call} -> {Mirror.Describe(answer)}");
                Settle();
                break;
        }
    }

    /// <summary>Everything grows older than a grace.</summary>
    public void PassGrace()
    {
        Time.Advance(1.25 * _scenario.Options.Grace);
        Epoch++;
    }

    public void Signal() => _pump.Signal();

    public void Dispose()
    {
        foreach (var actor in Actors) actor.Crash();
    }

    private void Settle()
    {
        var before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_pump);
        _pump.RunUntil(() => Actors.All(a => a.IsQuiet));
        SynchronizationContext.SetSynchronizationContext(before);
        foreach (var actor in Actors) actor.ThrowIfFailed();
    }
}

internal enum StepKind
{
    Call,
    Lose,
    Crash,
    Wait,
}

/// <summary>Something that may happen.</summary>
internal readonly record struct Step(StepKind Kind, int Actor, int Call);
