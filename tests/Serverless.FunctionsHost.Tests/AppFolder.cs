using System.Text.Json.Nodes;

namespace Serverless.FunctionsHost.Tests;

/// <summary>A published folder whose worker ends at once, to see what the host refuses before it starts one.</summary>
internal sealed class AppFolder : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("app-").FullName;
    private readonly JsonArray _functions = [];

    public AppFolder()
    {
        Write("host.json", """{"version":"2.0","extensions":{"http":{"routePrefix":""}}}""");
        WriteWorkerConfig();
        Write("worker.sh", "echo here it ends; exit 7\n");
        WriteExtensions("Startup", "AzureStorageQueues");
        Write(".azurefunctions/Loader.dll", "");
        AddHttp("Ping", "v2");
    }

    public string FullPath => _folder;

    public void WriteWorkerConfig(string executable = "/bin/sh", string worker = "worker.sh", string language = "dotnet-isolated", string indexing = "true") => Write(
        "worker.config.json", $$"""{"description":{"language":"{{language}}","defaultExecutablePath":"{{executable}}","defaultWorkerPath":"{{worker}}","workerIndexing":"{{indexing}}"} }""");

    public void WriteExtensions(params string[] names) =>
        Write("extensions.json", $$"""{"extensions":[{{string.Join(',', names.Select(name => $$"""{"name":"{{name}}","hintPath":"./.azurefunctions/Loader.dll"}"""))}}]}""");

    public void AddHttp(string name, string route, string methods = "\"get\"", string level = "Anonymous", string output = """,{"type":"http","direction":"Out","name":"$return"}""") => Add(
        name, $$"""{"type":"httpTrigger","direction":"In","name":"request","authLevel":"{{level}}","methods":[{{methods}}],"route":"{{route}}"}{{output}}""");

    public void AddTimer(string name, string schedule) => Add(name, $$"""{"type":"timerTrigger","direction":"In","name":"timer","schedule":"{{schedule}}"}""");

    public void AddQueue(string name, string queue, string connection = "Storage", string dataType = "String", string more = "\"properties\":{}") => Add(
        name, $$"""{"type":"queueTrigger","direction":"In","name":"message","dataType":"{{dataType}}","queueName":"{{queue}}","connection":"{{connection}}",{{more}}}""");

    public void Add(string name, string bindings)
    {
        _functions.Add(JsonNode.Parse($$"""{"name":"{{name}}","scriptFile":"worker.dll","entryPoint":"Worker.Run","language":"dotnet-isolated","properties":{},"bindings":[{{bindings}}]}"""));
        Write("functions.metadata", _functions.ToJsonString());
    }

    public void Write(string file, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, file))!);
        File.WriteAllText(Path.Combine(_folder, file), content);
    }

    public void Delete(string file) => File.Delete(Path.Combine(_folder, file));

    public Task<EmulatedHost> StartAsync(params (string Name, string Value)[] settings) =>
        EmulatedHost.StartAsync(new FunctionsHostOptions { AppRoot = _folder, AppSettings = settings.ToDictionary(s => s.Name, s => s.Value), InitializationTimeout = TimeSpan.FromSeconds(20) });

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
