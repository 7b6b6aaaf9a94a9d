using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Serverless.Web.Tests.Hostile;

/// <summary>A request as it is written, byte for byte: clients that mean no harm do not let such things out.</summary>
public static class RawRequest
{
    /// <summary>Sends a text, one byte a character, and reads the answer until the server closes the connection or has sent one whole answer.</summary>
    public static async Task<RawAnswer> SendAsync(RegistryServer registry, string request)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var address = registry.Client.BaseAddress!;
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port, timeout.Token);
        var stream = client.GetStream();
        var writing = WriteAsync(stream, Encoding.Latin1.GetBytes(request), timeout.Token);
        var (answer, buffer) = (new StringBuilder(), new byte[64 * 1024]);
        try
        {
            for (var read = 1; read > 0 && !IsWhole(answer.ToString());)
            {
                read = await stream.ReadAsync(buffer, timeout.Token);
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
            }
        }
        catch (IOException) when (answer.Length > 0)
        {
            // The server has answered and reads no more of the request.
        }

        await writing;
        return RawAnswer.Parse(answer.ToString());
    }

    // The server may answer, and close the connection, before it has read everything.
    private static async Task WriteAsync(NetworkStream stream, byte[] request, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(request, cancellationToken);
        }
        catch (IOException)
        {
            // What it has answered tells whether that was right.
        }
    }

    /// <summary>A request without a body, the last on its connection.</summary>
    public static Task<RawAnswer> SendAsync(RegistryServer registry, string method, string target, params string[] headers) =>
        SendAsync(registry, $"{method} {target} HTTP/1.1\r\nHost: registry\r\nConnection: close\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n");

    // An answer to HEAD is not asked for here: its length would be waited for.
    private static bool IsWhole(string answer)
    {
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0) return false;
        const string Name = "\r\nContent-Length: ";
        var length = answer.IndexOf(Name, 0, end + 2, StringComparison.OrdinalIgnoreCase);
        if (length < 0) return false;
        var value = answer[(length + Name.Length)..answer.IndexOf("\r\n", length + Name.Length, StringComparison.Ordinal)];
        return answer.Length >= end + 4 + int.Parse(value, CultureInfo.InvariantCulture);
    }
}

/// <summary>What came back.</summary>
public sealed record RawAnswer(int Status, string Headers, string Body)
{
    public static RawAnswer Parse(string answer)
    {
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0 || !answer.StartsWith("HTTP/1.1 ", StringComparison.Ordinal)) throw new InvalidOperationException($"No answer: '{answer}'.");
        return new RawAnswer(int.Parse(answer.AsSpan(9, 3), CultureInfo.InvariantCulture), answer[..end], answer[(end + 4)..]);
    }
}
