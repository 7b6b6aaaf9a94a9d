using System.Globalization;
using System.Text.Json;
using Azure;

namespace Serverless.AzureStorage.Tables;

/// <summary>Error answers: <c>{"odata.error":{"code":"...","message":{"value":"..."}}}</c>. In a transaction the message begins with the action's index.</summary>
internal static class TableError
{
    public static (RequestFailedException Failure, int? ActionIndex) Read(int status, ReadOnlyMemory<byte> body)
    {
        string? code = null;
        var message = "The Table service answered " + status.ToString(CultureInfo.InvariantCulture) + ".";
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.TryGetProperty("odata.error", out var error))
            {
                code = error.GetProperty("code").GetString();
                message = error.GetProperty("message").GetProperty("value").GetString() ?? message;
            }
        }
        catch (JsonException)
        {
            // A proxy's page or nothing at all: the status says what can be said.
        }

        var colon = message.IndexOf(':', StringComparison.Ordinal);
        int? index = colon > 0 && int.TryParse(message.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var i) ? i : null;
        return (new RequestFailedException(status, message, code, null), index);
    }
}
