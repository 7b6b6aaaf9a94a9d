using System.Text.Json;
using Serverless.Registry;
using Serverless.Registry.Blobs;
using Serverless.Registry.Oci;

namespace Serverless.Web.Endpoints.Api;

/// <summary>Reads the configs of images. Anybody may push anything as one: what is not as the specification has it is left out.</summary>
internal static class ImageConfigs
{
    // Those of images have some KiB.
    private const long MaxSize = 1024 * 1024;

    /// <summary>Reads the config of an image.</summary>
    /// <returns>What it says; null when the manifest is of no image, or its config is not here, larger than 1 MiB, or no config.</returns>
    public static async Task<ImageConfigDocument?> FindAsync(Repository repository, Manifest manifest, CancellationToken cancellationToken)
    {
        if (manifest.Content.Config is not { Size: <= MaxSize } config || ArtifactKinds.Of(manifest.MediaType, config.MediaType) != ArtifactKinds.Image) return null;
        if (await repository.Blobs.FindAsync(config.Digest, cancellationToken) is not { Descriptor.Size: <= MaxSize } blob) return null;
        return await ReadAsync(blob, cancellationToken);
    }

    private static async Task<ImageConfigDocument?> ReadAsync(Blob blob, CancellationToken cancellationToken)
    {
        try
        {
            using var json = JsonDocument.Parse(await blob.GetBytesAsync(cancellationToken), new JsonDocumentOptions { MaxDepth = 32 });
            return json.RootElement.ValueKind == JsonValueKind.Object ? Read(json.RootElement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
        catch (RegistryException e) when (e.Error == RegistryError.BlobUnknown)
        {
            // It went between the look-up and now.
            return null;
        }
    }

    private static ImageConfigDocument Read(JsonElement root)
    {
        var config = Member(root, "config", JsonValueKind.Object);
        string?[] platform = [Text(root, "os"), Text(root, "architecture"), Text(root, "variant")];
        return new ImageConfigDocument
        {
            Platform = platform[0] is null || platform[1] is null ? null : string.Join('/', platform.Where(p => !string.IsNullOrEmpty(p))),
            CreatedAt = Text(root, "created"),
            Author = Text(root, "author"),
            User = Text(config, "User"),
            WorkingDirectory = Text(config, "WorkingDir"),
            Entrypoint = Texts(config, "Entrypoint"),
            Command = Texts(config, "Cmd"),
            Environment = Texts(config, "Env"),
            Ports = Names(config, "ExposedPorts"),
            Volumes = Names(config, "Volumes"),
            Labels = Labels(config),
            History = Member(root, "history", JsonValueKind.Array) is { } steps ? [.. steps.EnumerateArray().Where(s => s.ValueKind == JsonValueKind.Object).Select(Step)] : [],
        };
    }

    private static HistoryDocument Step(JsonElement step) =>
        new(Text(step, "created"), Text(step, "created_by"), Text(step, "comment"), Member(step, "empty_layer", JsonValueKind.True) is not null);

    private static Dictionary<string, string> Labels(JsonElement? config)
    {
        Dictionary<string, string> labels = new(StringComparer.Ordinal);
        if (Member(config, "Labels", JsonValueKind.Object) is not { } found) return labels;
        foreach (var label in found.EnumerateObject().Where(l => l.Value.ValueKind == JsonValueKind.String)) labels[label.Name] = label.Value.GetString()!;
        return labels;
    }

    private static IReadOnlyList<string> Names(JsonElement? parent, string name) =>
        Member(parent, name, JsonValueKind.Object) is { } found ? [.. found.EnumerateObject().Select(p => p.Name)] : [];

    private static IReadOnlyList<string> Texts(JsonElement? parent, string name) => Member(parent, name, JsonValueKind.Array) is { } found
        ? [.. found.EnumerateArray().Where(t => t.ValueKind == JsonValueKind.String).Select(t => t.GetString()!)]
        : [];

    private static string? Text(JsonElement? parent, string name) => Member(parent, name, JsonValueKind.String)?.GetString();

    private static JsonElement? Member(JsonElement? parent, string name, JsonValueKind kind) =>
        parent is { } element && element.TryGetProperty(name, out var member) && member.ValueKind == kind ? member : null;
}
