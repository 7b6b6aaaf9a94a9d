using System.Net.Sockets;
using Xunit;

namespace Serverless.Server.Tests.Listening;

public sealed class AddressTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("registry-socket-").FullName;

    private string SocketPath => Path.Combine(_folder, "registry.sock");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task It_listens_at_all_addresses_of_both_settings()
    {
        await using var server = await ListeningServer.StartAsync(
            "--urls=http://127.0.0.1:0;http://[::1]:0", "Http:Addresses:0=http://127.0.0.1:0", $"Http:Addresses:1=http://unix:{SocketPath}");
        Assert.Equal(3, server.Addresses.Count);
        using var client = new HttpClient();
        foreach (var address in server.Addresses) Assert.Equal("{}", (await client.GetStringAsync(new Uri(address, "/v2/"))).Trim());
        Assert.Equal("{}", (await GetByUnixAsync()).Trim());
    }

    [Fact]
    public async Task A_socket_is_gone_when_the_server_is()
    {
        await using (await ListeningServer.StartAsync($"Http:Addresses:0=http://unix:{SocketPath}")) Assert.True(File.Exists(SocketPath));
        Assert.False(File.Exists(SocketPath));
    }

    [Fact]
    public async Task A_socket_that_a_dead_process_left_behind_is_replaced()
    {
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // Bound under another name, so that closing it does not remove the file.
            dead.Bind(new UnixDomainSocketEndPoint(SocketPath + ".old"));
            File.Move(SocketPath + ".old", SocketPath);
        }

        await using var server = await ListeningServer.StartAsync($"Http:Addresses:0=http://unix:{SocketPath}");
        Assert.Equal("{}", (await GetByUnixAsync()).Trim());
    }

    [Fact]
    public async Task A_socket_that_somebody_listens_on_stays_his()
    {
        await using var server = await ListeningServer.StartAsync($"Http:Addresses:0=http://unix:{SocketPath}");
        await Assert.ThrowsAsync<IOException>(() => ListeningServer.StartAsync($"Http:Addresses:0=http://unix:{SocketPath}"));
        Assert.Equal("{}", (await GetByUnixAsync()).Trim());
    }

    [Fact]
    public async Task A_file_that_is_no_socket_is_not_removed()
    {
        await File.WriteAllTextAsync(SocketPath, "");
        await Assert.ThrowsAsync<IOException>(() => ListeningServer.StartAsync($"Http:Addresses:0=http://unix:{SocketPath}"));
        Assert.True(File.Exists(SocketPath));
    }

    [Theory]
    [InlineData("", "GET http://registry.example/v2/ HTTP/1.1", "registry.example")]
    [InlineData("", "GET http://registry.example/v2/ HTTP/1.1", "another.example")]
    [InlineData("", "GET http://registry.example HTTP/1.1", "registry.example")]
    [InlineData("/team", "GET http://registry.example/team/v2/ HTTP/1.1", "registry.example")]
    [InlineData("/team", "GET http://registry.example:80/team/v2/?n=1 HTTP/1.1", "registry.example")]
    public async Task The_absolute_form_of_a_target_is_served_and_goes_before_the_header(string prefix, string line, string host)
    {
        await using var server = await ListeningServer.StartAsync("Http:Addresses:0=http://127.0.0.1:0", $"Prefix={prefix}");
        var answer = await server.SendRawAsync($"{line}\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_absolute_form_without_the_prefix_is_nowhere()
    {
        await using var server = await ListeningServer.StartAsync("Http:Addresses:0=http://127.0.0.1:0", "Prefix=/team");
        var answer = await server.SendRawAsync("GET http://registry.example/v2/ HTTP/1.1\r\nHost: registry.example\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 404 ", answer, StringComparison.Ordinal);
    }

    private async Task<string> GetByUnixAsync()
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler);
        return await client.GetStringAsync(new Uri("http://registry/v2/"));
    }
}
