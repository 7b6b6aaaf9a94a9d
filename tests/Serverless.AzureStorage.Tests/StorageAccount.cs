using System.Globalization;
using System.Net;
using System.Web;
using System.Xml.Linq;
using Azure.Core;
using Azure.Core.Pipeline;
using Serverless.Registry.Storage;

namespace Serverless.AzureStorage.Tests;

/// <summary>
/// As much of an account as signed URLs need: a clock of its own, keys for user delegation that can be revoked, and a look at the times and the key of a URL. It holds no blob, so a good URL
/// is answered 404.
/// </summary>
internal sealed class StorageAccount(TimeProvider time, TimeSpan ahead) : HttpMessageHandler
{
    private readonly HashSet<string> _revoked = [];

    public DateTimeOffset Now => time.GetUtcNow() + ahead;

    /// <summary>Keys handed out so far.</summary>
    public int Keys { get; private set; }

    /// <summary>Signed URLs that were shown to it.</summary>
    public int Shown { get; private set; }

    /// <summary>Whether it answers signed URLs at all.</summary>
    public bool IsBusy { get; set; }

    /// <summary>The stores of a registry that signs in with an identity.</summary>
    public (ITableStore Tables, IObjectStore Objects) Open() => AzureStores.Create(
        new AzureStorageOptions { AccountName = "account" }, time, new CallLimits(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)), new HttpClientTransport(this), new Identity());

    /// <summary>As <c>az storage account revoke-delegation-keys</c>.</summary>
    public void RevokeKeys()
    {
        for (var key = 1; key <= Keys; key++) _revoked.Add(Id(key));
    }

    /// <summary>What a client is answered that has been sent to this URL.</summary>
    public HttpStatusCode Follow(Uri url)
    {
        Shown++;
        var query = HttpUtility.ParseQueryString(url.Query);
        if (IsBusy) return HttpStatusCode.ServiceUnavailable;
        var good = Time(query["skt"]) <= Now && Time(query["ske"]) > Now && Time(query["se"]) > Now && query["st"] is null && !_revoked.Contains(query["skoid"]!);
        return good ? HttpStatusCode.NotFound : HttpStatusCode.Forbidden;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var url = request.RequestUri!;
        var isSigned = url.Query.Contains("sig=", StringComparison.Ordinal);
        if (isSigned && request.Headers.Authorization is not null) throw new InvalidOperationException("A client has nothing but the URL.");
        var answer = new HttpResponseMessage(isSigned ? Follow(url) : HttpStatusCode.NotFound);
        if (url.Query.Contains("userdelegationkey", StringComparison.Ordinal)) answer = NewKey(await request.Content!.ReadAsStringAsync(cancellationToken));
        answer.RequestMessage = request;
        answer.Headers.Date = Now;
        if (answer.StatusCode == HttpStatusCode.Forbidden) answer.Headers.Add("x-ms-error-code", "AuthenticationFailed");
        return answer;
    }

    private HttpResponseMessage NewKey(string asked)
    {
        var document = XDocument.Parse(asked).Root!;
        XElement Of(string name, string value) => new(name, value);
        var key = new XElement(
            "UserDelegationKey", Of("SignedOid", Id(++Keys)), Of("SignedTid", Id(0)), Of("SignedStart", document.Element("Start")!.Value), Of("SignedExpiry", document.Element("Expiry")!.Value),
            Of("SignedService", "b"), Of("SignedVersion", "2025-01-05"), Of("Value", Convert.ToBase64String(new byte[32])));
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(key.ToString(), null, "application/xml") };
    }

    private static string Id(int number) => new Guid(number, 0, 0, new byte[8]).ToString();

    private static DateTimeOffset Time(string? text) => DateTimeOffset.Parse(text!, CultureInfo.InvariantCulture);

    private sealed class Identity : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new("token", DateTimeOffset.MaxValue);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }
}
