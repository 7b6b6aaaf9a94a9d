using System.Text.Json.Nodes;

namespace Serverless.FunctionsHost.App;

/// <summary>
/// The folder that is deployed:
/// <code>
/// host.json                for the host, and the route prefix for both
/// functions.metadata       which functions there are; the worker must tell the same ones
/// worker.config.json       how to start the worker
/// extensions.json          which of the libraries in .azurefunctions the host loads
/// .azurefunctions/         hidden, so that it is easily lost on the way into a package
/// </code>
/// </summary>
internal sealed record PublishedFolder(string Root, HostFile Host, WorkerConfig Worker, IReadOnlyList<FunctionMetadata> Functions)
{
    private const string QueueExtension = "AzureStorageQueues";

    /// <exception cref="HostRefusesException">Something is missing, or is not as the host needs it.</exception>
    public static PublishedFolder Read(string root, AppSettings settings)
    {
        var host = HostFile.Read(root, settings);
        var extensions = ReadExtensions(root);
        var functions = FunctionMetadata.ReadAll(root);
        // HTTP and timers are the host's own; without this one a queueTrigger is nothing to it.
        if (functions.OfType<FunctionMetadata.Queue>().FirstOrDefault() is { } queue && !extensions.Contains(QueueExtension))
        {
            throw new HostRefusesException($"The function '{queue.Name}' is not run: extensions.json does not list {QueueExtension}.");
        }

        return new PublishedFolder(root, host, WorkerConfig.Read(root), functions);
    }

    private static HashSet<string> ReadExtensions(string root)
    {
        var hidden = Path.Combine(root, ".azurefunctions");
        if (!Directory.Exists(hidden)) throw new HostRefusesException($"There is no {hidden}: hidden folders must be part of the package.");
        // Without the first of them, the host does not read functions.metadata at all.
        if (Json.ReadObject(Path.Combine(root, "extensions.json"))["extensions"] is not JsonArray { Count: > 0 } extensions) throw new HostRefusesException("extensions.json lists no extension.");
        foreach (var extension in extensions)
        {
            if (extension?["hintPath"] is not JsonValue hint || !File.Exists(Path.Combine(root, hint.GetValue<string>()))) throw new HostRefusesException($"The library of {extension?.ToJsonString()} is not there.");
        }

        return [.. extensions.Select(e => e!["name"]?.ToString() ?? "")];
    }
}
