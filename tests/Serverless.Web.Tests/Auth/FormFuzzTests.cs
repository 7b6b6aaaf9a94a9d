using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Serverless.Registry.Oci;
using Serverless.Web.Auth.Passwords;
using Serverless.Web.Auth.Tokens;
using Serverless.Web.Endpoints;
using Xunit;

namespace Serverless.Web.Tests.Auth;

/// <summary>Whatever comes as a form, as scopes or as Basic credentials is read or refused. Another exception would be a fault of the server.</summary>
public sealed class FormFuzzTests
{
    private const string Form = "grant_type=password&service=test-registry&scope=repository%3Ateam%2Fapp%3Apull%2Cpush+registry:catalog:*&username=j%C3%B6rg&password=a+b%26c&access_type=offline";

    private static readonly Gen<string> s_types = Gen.Frequency(
        (6, Gen.Elements("application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8")),
        (1, Gen.Elements("", ";", "application/x-www-form-urlencoded; charset=utf-7", "application/x-www-form-urlencoded;charset=\"", "multipart/form-data; boundary=x", "a/b")),
        (1, FuzzedInputs.Mutated(Gen.Constant("application/x-www-form-urlencoded; charset=utf-8"))));

    private int _read;

    [Fact]
    public void A_form_is_read_or_refused()
    {
        var body = Gen.Frequency(
            (5, FuzzedInputs.Mutated(Gen.Constant(Form)).Select(Encoding.UTF8.GetBytes)), (2, FuzzedInputs.Bytes(60)),
            (1, from piece in Gen.Elements(FuzzedInputs.Pieces) from count in Gen.Choose(1, 3000) select Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(piece, count)))));
        var header = Gen.Frequency(
            (2, FuzzedInputs.Mutated(Gen.Constant("Basic " + Convert.ToBase64String("jörg:a b"u8)))), (1, FuzzedInputs.Bytes(30).Select(b => "Basic " + Convert.ToBase64String(b))),
            (1, FuzzedInputs.Bytes(20).Select(b => Encoding.Latin1.GetString(b))));
        FuzzedInputs.Check(from t in s_types from b in body from h in header select (Type: t, Body: b, Header: h), 5, Look);
        Assert.True(_read > 0, "No input was near enough to a right form.");
    }

    private void Look((string Type, byte[] Body, string Header) input)
    {
        var http = new DefaultHttpContext();
        http.Features.Set<IHttpMaxRequestBodySizeFeature>(new BodySize());
        http.Request.ContentType = input.Type;
        http.Request.Headers.Authorization = input.Header;
        using var body = new MemoryStream(input.Body);
        http.Request.Body = body;
        BasicCredentials.Find(http.Request, out _);
        try
        {
            var form = TokenForm.ReadAsync(http).GetAwaiter().GetResult();
            _read++;
            TokenScope.ParseAll(form["scope"]);
        }
        catch (RegistryException e) when (e.Error == RegistryError.TokenRequestInvalid)
        {
            Assert.NotNull(e.Message);
        }
    }

    private sealed class BodySize : IHttpMaxRequestBodySizeFeature
    {
        public bool IsReadOnly => false;

        public long? MaxRequestBodySize { get; set; }
    }
}
