using System.Text.Json.Nodes;

namespace Serverless.FunctionsHost.App;

/// <summary>worker.config.json: how a worker of the app is started.</summary>
/// <param name="Executable">A file of the app, or a command that PATH leads to: <c>dotnet</c> for an app that depends on the framework.</param>
/// <param name="WorkerPath">The file that the executable is told to run.</param>
internal sealed record WorkerConfig(string Executable, string WorkerPath)
{
    private const string File = "worker.config.json";

    // Stands for the folder of the app, in the file of an app that brings its framework.
    private const string Root = "{WorkerRoot}";

    public static WorkerConfig Read(string appRoot)
    {
        var description = Json.ReadObject(Path.Combine(appRoot, File))["description"];
        if (Text(description, "language") != "dotnet-isolated") throw new HostRefusesException($"{File} is not of the language dotnet-isolated.");
        if (Text(description, "workerIndexing") != "true") throw new HostRefusesException($"{File}: workerIndexing must be true; otherwise the worker does not tell its functions itself.");
        var executable = Text(description, "defaultExecutablePath");
        if (executable.StartsWith(Root, StringComparison.Ordinal))
        {
            executable = Path.Combine(appRoot, executable[Root.Length..]);
            if (!System.IO.File.Exists(executable)) throw new HostRefusesException($"There is no {executable}.");
        }

        var worker = Path.Combine(appRoot, Text(description, "defaultWorkerPath"));
        return System.IO.File.Exists(worker) ? new WorkerConfig(executable, worker) : throw new HostRefusesException($"There is no {worker}.");
    }

    private static string Text(JsonNode? description, string member) => description?[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text
        : throw new HostRefusesException($"{File} has no description.{member}.");
}
