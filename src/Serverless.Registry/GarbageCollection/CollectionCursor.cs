namespace Serverless.Registry.GarbageCollection;

/// <summary>
/// How far a collection has come. Repositories and blobs are two walks round and round, each with a place of its own: whoever is cut off goes on there, so what stands last in
/// the queue has its turn as often as what stands first.
/// </summary>
/// <param name="Policy">The last repository of the catalog that was queued for a change of policy; null when there is none to be told of, or none was yet.</param>
/// <param name="Repositories">The key of the last queued repository that was looked at; null at the beginning.</param>
/// <param name="Blobs">The key of the last queued blob that was looked at; null at the beginning.</param>
internal sealed record CollectionCursor(string? Policy, string? Repositories, string? Blobs)
{
    /// <summary>At the beginning of both.</summary>
    public static CollectionCursor Start { get; } = new(null, null, null);

    /// <summary>Reads what <see cref="ToString"/> wrote. What makes no sense is the beginning: then things are looked at twice.</summary>
    public static CollectionCursor Parse(string? text) => text?.Split(' ') is [var policy, var repositories, var blobs]
        ? new CollectionCursor(Value(policy), Value(repositories), Value(blobs))
        : Start;

    // Keys have no spaces, and none is a lone dash.
    public override string ToString() => $"{Policy ?? "-"} {Repositories ?? "-"} {Blobs ?? "-"}";

    private static string? Value(string text) => text is "-" or "" ? null : text;
}
