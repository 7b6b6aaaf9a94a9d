using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Serverless.AzureStorage.Tables;

/// <summary>Transactions on the wire: a change set inside a multipart body (Table service REST, "Performing entity group transactions").</summary>
internal static partial class TableTransactionContent
{
    public static ReadOnlyMemory<byte> Write(string boundary, Uri endpoint, IEnumerable<TableRequest> requests)
    {
        var changeSet = "changeset_" + Guid.NewGuid();
        var body = new ArrayBufferWriter<byte>(4096);
        Add(body, $"--{boundary}\r\nContent-Type: multipart/mixed; boundary={changeSet}\r\n\r\n");
        foreach (var request in requests)
        {
            Add(body, $"--{changeSet}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n");
            Add(body, $"{request.Method} {new Uri(endpoint, request.Path).AbsoluteUri} HTTP/1.1\r\nAccept: application/json;odata=minimalmetadata\r\nDataServiceVersion: 3.0\r\n");
            if (request.IfMatch is { } etag) Add(body, $"If-Match: {etag}\r\n");
            if (!request.Body.IsEmpty) Add(body, "Prefer: return-no-content\r\nContent-Type: application/json\r\n");
            Add(body, "\r\n");
            body.Write(request.Body.Span);
            Add(body, "\r\n");
        }

        Add(body, $"--{changeSet}--\r\n--{boundary}--\r\n");
        return body.WrittenMemory;
    }

    /// <summary>What went wrong; null when every action was applied.</summary>
    public static TableTransactionFailedException? FindFailure(BinaryData content)
    {
        var text = content.ToString();
        var failed = StatusLine().Matches(text).FirstOrDefault(m => m.Groups[1].ValueSpan[0] != '2');
        if (failed is null) return null;
        var bodyStart = text.IndexOf("\r\n\r\n", failed.Index, StringComparison.Ordinal);
        var bodyEnd = bodyStart < 0 ? -1 : text.IndexOf("\r\n--", bodyStart, StringComparison.Ordinal);
        var body = bodyStart < 0 ? "" : text[bodyStart..(bodyEnd < 0 ? text.Length : bodyEnd)].Trim();
        var (failure, index) = TableError.Read(int.Parse(failed.Groups[1].ValueSpan, CultureInfo.InvariantCulture), Encoding.UTF8.GetBytes(body));
        return new TableTransactionFailedException(failure, index);
    }

    private static void Add(ArrayBufferWriter<byte> body, string text) => Encoding.UTF8.GetBytes(text, body);

    [GeneratedRegex(@"^HTTP/1\.1 (\d{3})", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex StatusLine();
}
