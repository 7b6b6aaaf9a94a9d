using System.Buffers;
using System.Text;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Adoption;

/// <summary>
/// The object that says which registry has adopted what is beside it. A second one would take the first one's bytes for its own, and delete them as soon as nobody names them there. It is written
/// once and never replaced, so of two that come at once one is refused.
/// </summary>
internal sealed class AdoptMarker(AdoptRun run)
{
    private const int MaxSize = 256;

    /// <summary>Refuses what is another registry's.</summary>
    /// <param name="id">The id of this one; null where it has none yet.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task DemandAsync(string? id, CancellationToken cancellationToken)
    {
        if (await run.Context.Objects.FindAsync(run.Layout.Marker, cancellationToken) is null) return;
        var there = await run.ReadAsync(run.Layout.Marker, MaxSize, cancellationToken) is { } text ? Encoding.UTF8.GetString(text).Trim() : "";
        if (there == id) return;
        throw new RegistryException(
            RegistryError.Unsupported,
            $"what lies under {run.Layout.Prefix} was adopted by the registry {there}, and this one is {id ?? "new"}. Two registries cannot share the bytes. If that one is no more, delete the object {run.Layout.Marker}");
    }

    /// <summary>Makes what lies here this registry's.</summary>
    public async Task PutAsync(string id, CancellationToken cancellationToken)
    {
        await run.Context.Objects.PutAsync(run.Layout.Marker, new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(id)), cancellationToken);
        await DemandAsync(id, cancellationToken);
    }
}
