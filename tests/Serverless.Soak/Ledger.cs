using System.Collections.Concurrent;
using Serverless.Registry.Oci;

namespace Serverless.Soak;

/// <summary>A manifest that was acknowledged.</summary>
internal sealed class Promise(RepositoryName repository, Manifest manifest)
{
    private volatile bool _released;

    public RepositoryName Repository => repository;

    public Manifest Manifest => manifest;

    /// <summary>Whether somebody has begun to delete it or to take its tag away; then it may be gone.</summary>
    public bool Released
    {
        get => _released;
        set => _released = value;
    }
}

/// <summary>What clients were told, and what became of it.</summary>
internal sealed class Ledger
{
    private readonly ConcurrentDictionary<Promise, bool> _promises = new();
    private readonly ConcurrentDictionary<string, int> _counts = new(StringComparer.Ordinal);
    private int _lost;
    private int _operations;

    public int Operations => _operations;

    public int Lost => _lost;

    /// <summary>How often each thing happened.</summary>
    public string Summary => string.Join(", ", _counts.OrderBy(c => c.Key, StringComparer.Ordinal).Select(c => $"{c.Key} {c.Value}"));

    public IReadOnlyList<Promise> Standing => [.. _promises.Keys.Where(p => !p.Released)];

    public void Keep(Promise promise) => _promises[promise] = true;

    public void Release(Promise promise)
    {
        promise.Released = true;
        _promises.TryRemove(promise, out _);
    }

    public void Count(string what, bool operation = false)
    {
        _counts.AddOrUpdate(what, 1, static (_, n) => n + 1);
        if (operation) Interlocked.Increment(ref _operations);
    }

    public int CountOf(string what) => _counts.GetValueOrDefault(what);

    public void Lose(Promise promise, string what)
    {
        Interlocked.Increment(ref _lost);
        Console.WriteLine($"LOST {promise.Repository}@{promise.Manifest.Digest}: {what}");
        Release(promise);
    }
}
