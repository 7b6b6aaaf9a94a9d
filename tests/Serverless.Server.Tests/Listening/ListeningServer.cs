using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Server.Tests.Listening;

/// <summary>The server in this process, on storage in memory, as its settings say where it listens.</summary>
internal sealed class ListeningServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ListeningServer(WebApplication app) => _app = app;

    /// <summary>The addresses where it listens, with the ports that it got.</summary>
    public IReadOnlyList<Uri> Addresses => [.. _app.Urls.Where(url => !url.Contains("unix", StringComparison.Ordinal) && !url.Contains("h2c", StringComparison.Ordinal)).Select(url => new Uri(url))];

    public static Task<ListeningServer> StartAsync(params string[] settings) => StartAsync(null, settings);

    public static async Task<ListeningServer> StartAsync(TimeProvider? time, params string[] settings)
    {
        var app = ServerApp.Create(Arguments(settings), services => services.AddSingleton(time ?? TimeProvider.System));
        await app.StartAsync();
        return new ListeningServer(app);
    }

    /// <summary>The command line for settings below <c>Registry</c>.</summary>
    public static string[] Arguments(params string[] settings) =>
        ["--Registry:Storage:InMemory=true", "--Registry:AllowedHosts:0=registry.example", "--Logging:LogLevel:Default=Error", .. settings.Select(s => s.StartsWith("--", StringComparison.Ordinal) ? s : "--Registry:" + s)];

    /// <summary>Sends a request byte for byte and reads until the server closes.</summary>
    public async Task<string> SendRawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Addresses[0].Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        return await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
