namespace Serverless.FunctionsHost.Tests;

/// <summary>An app in a temporary folder whose worker is never reached, to see what the host refuses.</summary>
internal sealed class AppFolder : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("app-").FullName;

    public AppFolder()
    {
        Write("host.json", """{"version":"2.0","extensions":{"http":{"routePrefix":""}},"customHandler":{"description":{"defaultExecutablePath":"worker"},"enableProxyingHttpRequest":true}}""");
        Write("worker", "#!/bin/sh\nexit 7\n");
        File.SetUnixFileMode(Path.Combine(_folder, "worker"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        AddHttp("Ping", "v2");
    }

    public void AddHttp(string name, string route, string methods = "\"get\"", string level = "anonymous", string output = """,{"type":"http","direction":"out","name":"response"}""") => Write(
        $"{name}/function.json",
        $$"""{"bindings":[{"type":"httpTrigger","direction":"in","name":"request","authLevel":"{{level}}","methods":[{{methods}}],"route":"{{route}}"}{{output}}]}""");

    public void AddTimer(string name, string schedule) => Write($"{name}/function.json", $$"""{"bindings":[{"type":"timerTrigger","direction":"in","name":"timer","schedule":"{{schedule}}"}]}""");

    public void Write(string file, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, file))!);
        File.WriteAllText(Path.Combine(_folder, file), content);
    }

    public void Forbid(string file) => File.SetUnixFileMode(Path.Combine(_folder, file), UnixFileMode.UserRead);

    public Task<EmulatedHost> StartAsync(params (string Name, string Value)[] settings) =>
        EmulatedHost.StartAsync(new FunctionsHostOptions { AppRoot = _folder, AppSettings = settings.ToDictionary(s => s.Name, s => s.Value) });

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
