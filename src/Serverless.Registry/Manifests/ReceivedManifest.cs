using System.Buffers;
using System.IO.Pipelines;
using Serverless.Registry.Core;
using Serverless.Registry.Oci;

namespace Serverless.Registry.Manifests;

/// <summary>A manifest as a client has sent it, before anybody has looked at it. It holds a part of the memory that there is for bodies until it is disposed of.</summary>
public sealed class ReceivedManifest : IDisposable
{
    private readonly BodyBuffer _held;

    private ReceivedManifest(BodyBuffer held) => (_held, Payload) = (held, held.Content().ToArray());

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    internal static async Task<ReceivedManifest> ReadAsync(RegistryContext context, PipeReader body, long? length, CancellationToken cancellationToken)
    {
        var most = length ?? context.Options.MaxManifestSize;
        if (most > context.Options.MaxManifestSize) throw new RegistryException(RegistryError.ManifestTooLarge);
        using var sender = new BodySender(context.BodyMemory, body, cancellationToken);
        // All that it will take in the end: whoever has begun must never need more.
        var held = await sender.TakeAsync(RegistryOptions.ManifestCopies * most);
        try
        {
            while (await ReadOnAsync(sender, body, held, most))
            {
            }

            if (held.Length > most) throw new RegistryException(length is null ? RegistryError.ManifestTooLarge : RegistryError.SizeInvalid);
            held.Trim(RegistryOptions.ManifestCopies * held.Length);
            return new ReceivedManifest(held);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _held.Dispose();

    private static async ValueTask<bool> ReadOnAsync(BodySender sender, PipeReader body, BodyBuffer held, long most)
    {
        var read = await sender.ReadAsync();
        foreach (var piece in read.Buffer)
        {
            // A byte more than there may be tells that there are too many.
            held.Append(piece.Span[..(int)Math.Min(piece.Length, most + 1 - held.Length)]);
        }

        sender.Came(read.Buffer.Length);
        body.AdvanceTo(read.Buffer.End);
        return !read.IsCompleted && held.Length <= most;
    }
}
